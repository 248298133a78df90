import { parseJsonencode } from "./jsonencode";

test("literals, references, calls and templates", () => {
  const text =
    '${jsonencode([{"a" = [1, true, null], "b" = aws_vpc.main.arn, "c" = join("", [var.x, startswith(var.y, "}") ? "@" : ":"]), "d" = "x-${lookup({"k" = "]"}, "k")}/*", "e" = {}, "f" = "say \\"hi\\", (then {go"}])}';
  expect(parseJsonencode(text)).toEqual([
    {
      a: [1, true, null],
      b: "${aws_vpc.main.arn}",
      c: '${join("", [var.x, startswith(var.y, "}") ? "@" : ":"])}',
      d: 'x-${lookup({"k" = "]"}, "k")}/*',
      e: {},
      f: 'say "hi", (then {go',
    },
  ]);
});

test.each([
  ["no jsonencode", '{"a": 1}', "no ${jsonencode(...)}"],
  ["an open bracket", '${jsonencode({"a" = 1)}', "unexpected"],
  ["something behind the value", "${jsonencode({} {})}", "unexpected"],
  ["a missing value", '${jsonencode({"a" = })}', "unexpected"],
])("%s is an error", (_, text, message) => {
  expect(() => parseJsonencode(text)).toThrow(message);
});
