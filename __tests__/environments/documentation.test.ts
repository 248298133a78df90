import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

/** Reads types, which takes seconds on a busy machine. */
jest.setTimeout(60_000);

/** What an editor shows where the mouse rests on a field's name, by the field's place in the literal. */
function documentationShown(file: string): { field: string; documentation: string }[] {
  const root = join(__dirname, "../..");
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => "0",
    getScriptSnapshot: (name) =>
      ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(readFileSync(name, "utf8")) : undefined,
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      strict: true,
      types: [],
    }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  });
  const shown: { field: string; documentation: string }[] = [];
  const visit = (node: ts.Node, path: string): void => {
    let field = path;
    if (ts.isPropertyAssignment(node)) {
      field = path === "" ? node.name.getText() : `${path}.${node.name.getText()}`;
      const info = service.getQuickInfoAtPosition(file, node.name.getStart());
      shown.push({ field, documentation: ts.displayPartsToString(info?.documentation) });
    }
    ts.forEachChild(node, (inner) => visit(inner, field));
  };
  visit(service.getProgram()?.getSourceFile(file) as ts.SourceFile, "");
  return shown;
}

test("an editor shows the documentation of each field on the literal", () => {
  const shown = documentationShown(join(__dirname, "../../environments/production.ts"));
  expect(shown.filter(({ documentation }) => documentation === "")).toEqual([]);
  expect(shown).toContainEqual({
    field: "edge.waf.rateLimit",
    documentation:
      "Requests of one address in five minutes after which it is blocked. An airline's devices may share one.",
  });
  expect(shown).toContainEqual({
    field: "api.scheduledScaling.timezone",
    documentation: "Time zone of `start` and `end`.",
  });
  expect(shown).toContainEqual({
    field: "name",
    documentation: "The environment's name. The stack is `skymanuals-<name>`.",
  });
});
