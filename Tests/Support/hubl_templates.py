"""Makes templates in the part of the language that HubL and Jinja2 share, each with values for it.

What is left out because the two differ on purpose is listed in docs/hubl.md.
"""

import random

VALUES = {
    "a": 7, "b": 3, "zero": 0, "name": "Ann <b>", "word": "banana", "blank": "", "uni": "Größe & \"Maß\"",
    "nums": [4, 1, 3, 1], "none_at_all": None, "words": ["pear", "Apple", "fig & nut", "<i>"], "empty": [], "yes": True, "no": False,
    "rows": [{"n": "one", "v": 1, "tags": ["x", "y"]}, {"n": "two & more", "v": 2, "tags": []}, {"n": "three", "v": 3, "tags": ["z"]}],
    "deep": {"er": {"est": "bottom"}, "list": [10, 20, 30]},
}
WORDS = ["x", "a b", "<p>", "R&D", "it's", "\u00e9t\u00e9", "b,a,c", "  pad  ", "Mixed Case"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.loops = []
        self.names = 0

    def pick(self, *options):
        return self.random.choice(options)

    # Expressions by the kind of their value.

    def number(self, depth=2):
        leaves = [str(self.random.randint(0, 20)), "a", "b", "zero", "nums[0]", "nums[-1]", "deep.list[1]", "rows[1].v"]
        leaves += [f"loop.{part}" for part in ("index", "index0", "revindex", "length")] if self.loops else []
        leaves += [f"{name}.v" for kind, name in self.loops if kind == "row"] + [name for kind, name in self.loops if kind == "number"]
        if depth == 0:
            return self.random.choice(leaves)
        inner = lambda: self.number(depth - 1)
        return self.pick(
            self.random.choice(leaves), f"({inner()} + {inner()})", f"{inner()} * {self.random.randint(0, 9)}", f"({inner()} - {inner()})",
            f"({inner()} // {self.random.randint(1, 9)})", f"({inner()}|abs % {self.random.randint(1, 9)})", f"{self.random.randint(2, 4)} ** {self.random.randint(0, 5)}",
            f"({self.listing(depth - 1)})|length", f"({self.text(depth - 1)})|length", f"({inner()} if {self.truth(depth - 1)} else {inner()})",
            f"-{self.random.randint(1, 9)}|abs", "nums|sum", "nums|first", "nums|last", f"'{self.random.randint(0, 99)}'|int", "'x'|int(5)",
            f"({inner()})|default(1)", "rows|sum(attribute='v')", f"(nums|sort)[{self.random.randint(0, 3)}]")

    def literal(self):
        word = self.random.choice(WORDS)
        return f'"{word}"' if "'" in word else f"'{word}'"

    def text(self, depth=2):
        leaves = [self.literal(), "name", "word", "blank", "uni", "deep.er.est", "deep['er']['est']", "words[0]", "words[2]", "rows[0].n"]
        leaves += [f"{name}.n" for kind, name in self.loops if kind == "row"] + [name for kind, name in self.loops if kind == "text"]
        if depth == 0:
            return self.random.choice(leaves)
        inner = lambda: self.text(depth - 1)
        return self.pick(
            self.random.choice(leaves), f"({inner()} ~ {inner()})", f"({inner()} ~ {self.number(depth - 1)} ~ {inner()})", f"({inner()})|upper", f"({inner()})|lower",
            f"({inner()})|trim", f"({inner()})|replace('a', 'o')", f"({inner()})|replace('a', '<')", f"({inner()})|capitalize", f"({inner()})|default('d')",
            f"({inner()})|e", f"({inner()})|safe", f"({inner()})|forceescape", f"({self.listing(depth - 1)})|join(', ')", f"({self.listing(depth - 1)})|join('<br>'|safe)",
            f"({inner()})[:3]", f"({inner()})[1:]", f"({inner()})[-2:]", f"({inner()})[::-1]", f"({inner()} if {self.truth(depth - 1)} else {inner()})", f"({inner()} or 'other')",
            f"'%s-%d'|format({inner()}, {self.number(depth - 1)})", f"'%.2f'|format({self.number(depth - 1)} / 4)", f"({inner()})|string", "words|join('|')", "rows|map(attribute='n')|join(';')",
            f"({inner()})|indent(2)", "missing|default('m')", "blank|default('b', true)", "words|first", "word|reverse")

    def listing(self, depth=1):
        if depth == 0:
            return self.pick("nums", "words", "empty", "deep.list", "[1, word, 2]", "range(4)|list")
        inner = lambda: self.listing(depth - 1)
        return self.pick(
            inner(), f"[{self.number(0)}, {self.text(0)}, {self.number(0)}]", f"range({self.random.randint(0, 6)})|list", f"range(1, {self.random.randint(1, 9)}, 2)|list",
            f"({inner()})[1:]", f"({inner()})[:-1]", f"({inner()})[::2]", f"({inner()})|reverse|list", "nums|sort", "nums|sort(reverse=true)", "words|sort", "nums|unique|list", "words|map('upper')|list",
            "nums|select('odd')|list", "nums|reject('odd')|list", "nums|select('gt', 2)|list", "rows|map(attribute='v')|list", "rows|selectattr('v', 'gt', 1)|map(attribute='n')|list",
            "nums|batch(3)|list", "nums|batch(3, 0)|list", "nums|slice(3)|list", f"({inner()}) + [{self.number(0)}]", "'a-b-c'.split('-')", f"{self.pick('word', 'name', 'uni')}|list", "rows|rejectattr('tags')|map(attribute='n')|list")

    def truth(self, depth=2):
        if depth == 0:
            return self.pick("yes", "no", "a", "zero", "blank", "empty", "name", "missing", "none_at_all")
        inner = lambda: self.truth(depth - 1)
        return self.pick(
            inner(), f"{self.number(depth - 1)} {self.pick('==', '!=', '<', '<=', '>', '>=')} {self.number(depth - 1)}", f"({inner()} and {inner()})", f"({inner()} or {inner()})", f"not {inner()}",
            f"{self.text(0)} {self.pick('==', '!=', '<')} {self.text(0)}", f"{self.number(0)} is {self.pick('odd', 'even', 'divisibleby 3', 'number', 'defined')}", f"{self.text(0)} is {self.pick('string', 'not string', 'lower', 'upper')}",
            f"{self.number(0)} {self.pick('in', 'not in')} nums", f"{self.text(0)} in words", "'an' in word", f"missing is {self.pick('defined', 'undefined', 'not defined')}", f"({self.listing(depth - 1)})",
            "deep is mapping", "nums is iterable", "'er' in deep", "a is sameas 7", "loop.first" if self.loops else "yes", "loop.last" if self.loops else "no")

    # Statements.

    def body(self, depth):
        return "".join(self.statement(depth) for _ in range(self.random.randint(1, 3)))

    def plain(self):
        return self.pick("text ", "\n", " <b>bold</b> ", "{ brace }", "\u00fcber ", "", "a % b ", "  ")

    def output(self):
        value = self.pick(self.number, self.text, self.text, self.listing)()
        return self.pick("{{ %s }}", "{{%s}}", "{{- %s -}}", "{{ %s -}}") % value

    def statement(self, depth):
        if depth == 0:
            return self.pick(self.plain, self.output, self.output)()
        kind = self.pick("plain", "output", "output", "if", "for", "for", "set", "macro", "other")
        if kind in ("plain", "output"):
            return getattr(self, kind)()
        return getattr(self, "make_" + kind)(depth - 1)

    def make_if(self, depth):
        open_, close = self.pick(("{% ", " %}"), ("{%- ", " -%}"), ("{%", "%}"))
        text = f"{open_}if {self.truth()}{close}{self.body(depth)}"
        if self.random.random() < 0.4:
            text += f"{open_}elif {self.truth()}{close}{self.body(depth)}"
        if self.random.random() < 0.5:
            text += f"{open_}else{close}{self.body(depth)}"
        return text + f"{open_}endif{close}"

    def make_for(self, depth):
        self.names += 1
        name = f"i{self.names}"
        kind, source = self.pick(("row", "rows"), ("number", "nums"), ("number", "range(3)"), ("text", "words"), ("text", "word[:3]"), ("none", "empty"))
        source += self.pick("", "", f" if {name} != 1") if kind == "number" else ""
        self.loops.append((kind, name))
        text = f"{{% for {name} in {source} %}}{self.body(depth)}"
        if self.random.random() < 0.2:
            text += f"{{% if loop.index {self.pick('==', '>')} 2 %}}{{% {self.pick('break', 'continue')} %}}{{% endif %}}{self.body(0)}"
        self.loops.pop()
        if self.random.random() < 0.3:
            outer, self.loops = self.loops, []
            text += "{% else %}" + self.body(0)
            self.loops = outer
        return text + "{% endfor %}"

    def make_set(self, depth):
        self.names += 1
        name = f"v{self.names}"
        if self.random.random() < 0.3:
            return f"{{% set {name} %}}{self.body(depth)}{{% endset %}}{{{{ {name} }}}}"
        if self.random.random() < 0.3:
            return f"{{% set {name}, w{self.names} = {self.number()}, {self.text()} %}}{{{{ {name} }}}}{{{{ w{self.names} }}}}"
        return f"{{% set {name} = {self.pick(self.number, self.text, self.listing)()} %}}{{{{ {name} }}}}"

    def make_macro(self, depth):
        self.names += 1
        name = f"m{self.names}"
        outer, self.loops = self.loops, []
        body = self.body(depth)
        self.loops = outer
        text = f"{{% macro {name}(p, q='std') %}}[{{{{ p }}}}{{{{ q }}}}{body}"
        if self.random.random() < 0.4:
            return text + f"{{{{ caller() }}}}]{{% endmacro %}}{{% call {name}({self.number(1)}) %}}{self.output()}{{% endcall %}}"
        return text + f"]{{% endmacro %}}{{{{ {name}({self.text(1)}) }}}}{{{{ {name}({self.number(1)}, q={self.text(1)}) }}}}"

    def make_other(self, depth):
        return self.pick(
            "{# a comment {{ x }} #}", "{% raw %}{{ raw }}{% endraw %}", f"{{% filter upper %}}{self.body(depth)}{{% endfilter %}}", "{#- tight -#}",
            f"{{% autoescape false %}}{{{{ {self.literal()} }}}}{{% endautoescape %}}", f"{{% set l{self.names} = [] %}}{{% for e in nums %}}{{% do l{self.names}.append(e) %}}{{% endfor %}}{{{{ l{self.names} }}}}")


def generated(count, seed=20261123):
    return [Maker(seed + number).body(3) for number in range(count)]
