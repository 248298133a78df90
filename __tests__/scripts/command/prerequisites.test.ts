import {
  checkPrerequisites,
  findPrerequisites,
  isAtLeast,
  type MissingPrerequisites,
  type Probe,
} from "../../../scripts/command/prerequisites";

const machine = (programs: Record<string, string>): Probe => {
  return (program) => programs[program];
};
const terraform = (version: string) => JSON.stringify({ terraform_version: version });

const complete = { terraform: terraform("1.11.4"), python3: "3.11.7\nTrue" };

function report(programs: Record<string, string>, node = "20.20.2"): string {
  try {
    checkPrerequisites(machine(programs), node);
    return "";
  } catch (error) {
    return (error as MissingPrerequisites).message;
  }
}

describe("prerequisites", () => {
  test("nothing is missing on a machine with Node 20, Terraform 1.11 and Python 3.10 with venv", () => {
    const programs = { terraform: terraform("1.11.0"), python3: "3.10.0\nTrue" };
    expect(report(programs, "20.0.0")).toBe("");
    expect(findPrerequisites(machine(programs), "20.0.0").python).toBe("python3");
  });

  test("one report names everything that is missing, a line each, with what was found and how to get it", () => {
    const lines = report({ terraform: terraform("1.10.5"), python3: "3.9.2\nTrue" }, "18.19.0").split("\n");
    expect(lines).toEqual([
      "3 prerequisites are missing:",
      expect.stringMatching(/^ {2}Node\.js >= 20 \(found: 18\.19\.0\)\. .*nodejs\.org/),
      expect.stringMatching(/^ {2}Terraform >= 1\.11 \(found: 1\.10\.5\)\. .*developer\.hashicorp\.com/),
      expect.stringMatching(/^ {2}Python with venv >= 3\.10 \(found: 3\.9\.2\)\. .*apt install python3 python3-venv/),
    ]);
  });

  test("a machine with neither Terraform nor Python", () => {
    expect(report({})).toMatch(/Terraform >= 1\.11 \(found: none\)[\s\S]*Python with venv >= 3\.10 \(found: none\)/);
  });

  test("a Python without venv does not do, and says so", () => {
    expect(report({ ...complete, python3: "3.11.2\nFalse" })).toContain("(found: 3.11.2 without venv)");
  });

  test("a later Python is used where python3 is too old or incomplete", () => {
    const found = findPrerequisites(
      machine({ ...complete, python3: "3.9.2\nTrue", "python3.12": "3.12.1\nTrue" }),
      "20.0.0",
    );
    expect(found.python).toBe("python3.12");
    expect(found.all.every(({ satisfied }) => satisfied)).toBe(true);
  });

  test.each([
    ["1.11.4", "1.11", true],
    ["1.9.9", "1.11", false],
    ["2.0.0", "1.11", true],
    ["1.11.0-rc1", "1.11", false],
    ["1.12.0-alpha", "1.11", true],
    ["20", "20", true],
  ])("version %s against %s: %s", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
