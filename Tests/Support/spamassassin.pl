# Judges files of mail and prints, as JSON, for each the rules that hit with their scores.
#   perl spamassassin.pl RULES FOLDER FILE...
# FOLDER has local.cf and *.pre, and takes what SpamAssassin keeps: the `spamassassin` command would put a folder in the
# user's home whatever HOME says.
use strict;
use warnings;
use JSON::PP;
use Mail::SpamAssassin;

my ($rules, $folder, @files) = @ARGV;
my $judge = Mail::SpamAssassin->new({
    rules_filename => $rules, site_rules_filename => $folder, userprefs_filename => "/dev/null", dont_copy_prefs => 1,
    local_tests_only => 1, home_dir_for_helpers => "$folder/state", userstate_dir => "$folder/state",
    LOCAL_STATE_DIR => "$folder/state",
});
my %found;
for my $file (@files) {
    open(my $input, "<:raw", $file) or die "$file: $!";
    my $mail = $judge->parse(do { local $/; <$input> }, 1);
    my $status = $judge->check($mail);
    $found{$file} = $status->get_names_of_tests_hit_with_scores_hash();
    $_ += 0 for values %{$found{$file}};
    $status->finish();
    $mail->finish();
}
print encode_json(\%found);
