import ArgumentParser

@main
struct Brevdue: AsyncParsableCommand {}
