import type { Body } from "./domain";
import { has, isObject, same } from "./stored";

/** One of Kibana's saved objects, as a line of its export. */
export interface SavedObject {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly { readonly name: string; readonly type: string; readonly id: string }[];
  readonly migrationVersion?: Readonly<Record<string, string>>;
}

/** The objects of an export, without the line that counts them. */
export function readSavedObjects(ndjson: string): SavedObject[] {
  return ndjson
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as SavedObject)
    .filter((object) => !("exportedCount" in object));
}

/** Those of which Kibana has none, or another. What Kibana adds by itself, such as the fields of an index pattern, may differ. */
export function differing(wanted: readonly SavedObject[], answer: unknown): SavedObject[] {
  const found = isObject(answer) && Array.isArray(answer.saved_objects) ? answer.saved_objects : [];
  return wanted.filter(({ type, id, attributes, references }) => {
    const stands = found.find((each) => isObject(each) && each.type === type && each.id === id);
    return !(
      isObject(stands) &&
      has(stands.attributes, attributes) &&
      same(byName(stands.references), byName(references))
    );
  });
}

function byName(references: unknown): Record<string, unknown> {
  const all = Array.isArray(references) ? references.filter(isObject) : [];
  return Object.fromEntries(all.map((reference) => [String(reference.name), reference]));
}

/** A file of these objects, as a form with one field. */
export function imported(objects: readonly SavedObject[]): Body {
  const boundary = "skymanuals-saved-objects";
  const head = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="file"; filename="skymanuals.ndjson"',
    "Content-Type: application/ndjson",
  ];
  const lines = objects.map((object) => JSON.stringify(object)).join("\n");
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    text: [...head, "", lines, `--${boundary}--`, ""].join("\r\n"),
  };
}
