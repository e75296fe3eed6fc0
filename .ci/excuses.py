"""Reads what a run of one of Okta's suites printed, and says whether all of it passed but for what is excused below.

    excuses.py MAPPING SUITE ASSERTIONS <printed

An excuse is for one assertion of one step, with the line of the vendors' facts that it follows from. A failure without
an excuse fails, and so does an excuse whose assertion passes, or a fourth one for a mapping.
"""
import re
import sys

# (mapping, suite, step, the assertion as it is printed): the promise or fact that it contradicts
EXCUSES = {}


def failures(printed):
    """The step and the words of each assertion that failed; what was found instead is cut off."""
    step = ""
    for line in printed.splitlines():
        if begun := re.match(r"\[\d+\] (.*)", line):
            step = begun[1]
        elif failed := re.match(r"  FAIL  (.*?)(   \(got .*\))?$", line):
            yield step, failed[1]


def main(mapping, suite, assertions):
    printed = sys.stdin.read()
    excuses = {key[2:]: why for key, why in EXCUSES.items() if key[:2] == (mapping, suite)}
    if len([key for key in EXCUSES if key[0] == mapping]) > 3:
        return f"{mapping} has more than three excuses"
    failed = set(failures(printed))
    score = f"{int(assertions) - len(failed)} passed, {len(failed)} failed"
    for step, assertion in sorted(failed & excuses.keys()):
        print(f"  EXCUSED  {step}: {assertion}: {excuses[step, assertion]}")
    for step, assertion in sorted(failed - excuses.keys()):
        return f"{step}: {assertion}: it fails, and nothing excuses it"
    for step, assertion in sorted(excuses.keys() - failed):
        return f"{step}: {assertion}: it is excused, and passes"
    last = printed.rstrip().splitlines()[-1:]
    return None if last == [score] else f"the suite ends with {last}, and not with `{score}`"


if __name__ == "__main__":
    wrong = main(*sys.argv[1:])
    if wrong:
        print(f"ci: {wrong}", file=sys.stderr)
        sys.exit(1)
