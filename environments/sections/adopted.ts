import * as v from "valibot";
import { type Finding, formatPath, listOf, mapOf, pattern, record, repeated, ruled, text } from "../validation/rules";

const addressType = "[a-z][a-z0-9]*(_[a-z0-9]+)+";
const addressLabel = "[A-Za-z_][A-Za-z0-9_-]*";
const addressIndex = '\\[(0|[1-9][0-9]*|"[^"]+")\\]';
const objectForm = new RegExp(`^${addressType}\\.${addressLabel}(${addressIndex})?$`);
const stateForm = new RegExp(
  `^(module\\.${addressLabel}(${addressIndex})?\\.)*${addressType}\\.${addressLabel}(${addressIndex})?$`,
);
const wholeForm = new RegExp(`^(module\\.${addressLabel}\\.)*${addressType}\\.${addressLabel}$`);

/** The type in front of an address's label. */
function resourceType(address: string): string {
  return address.slice(0, address.indexOf("."));
}

const addressAllowed = 'a resource address, <type>.<name>, with [0] or ["key"] behind it for one of several';
const addressFix = "write it as aws_lb.main or aws_subnet.private[0]";
const address = pattern(addressAllowed, objectForm, addressFix);

/** An address in somebody's state: resources in modules too. */
const stateAddress = pattern(
  "a resource address of the state, as terraform state list prints it",
  stateForm,
  "copy it from terraform state list",
);

/** Terraform's `removed` blocks name whole resources. */
const removedAddress = text("a resource address without [...]: Terraform forgets whole resources", (value) => {
  const bare = value.replace(/\[[^\]]*\]/g, "");
  return (
    wholeForm.test(value) ||
    (wholeForm.test(bare) ? `write "${bare}"` : "copy it from terraform state list, without [...]")
  );
});

const move = record({
  /** Where the object is in the state. */
  from: stateAddress,
  /** Our address, which continues it. */
  to: address,
});

type Move = v.InferOutput<typeof move>;

/** What an environment took over from an existing state; `npm run adopt` prints these lines. Empty for a new environment. */
export type Adopted = v.InferOutput<typeof adopted>;

export const adopted = ruled(
  record({
    /** By address: arguments that keep the value found in the state, in Terraform's own names. */
    keep: ruled(
      mapOf(
        mapOf(v.unknown(), "an object of Terraform's arguments and the values to keep"),
        "an object of addresses, each with the arguments to keep; empty for a new environment",
      ),
      { find: keptArguments },
    ),
    /** By our address: the address to use instead, where the state has something else at ours. */
    renamed: ruled(
      mapOf(address, "an object from our address to the one to use instead; empty for a new environment"),
      { find: renamedAddresses },
    ),
    /** Objects of the state that one of our addresses continues. */
    moved: listOf(move, "a list of { from, to }; empty for a new environment"),
    /** Objects of the state that Terraform forgets and leaves as they are. */
    removed: listOf(removedAddress, "a list of addresses; empty for a new environment"),
  }),
  { reads: ["moved", "removed"], find: movedAddresses },
);

function keptArguments(keep: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Finding[] {
  return Object.entries(keep).flatMap(([key, values]) => [
    ...(objectForm.test(key) ? [] : [misplacedAddress(key)]),
    ...Object.keys(values)
      .filter((argument) => !/^[a-z][a-z0-9_]*$/.test(argument))
      .map((argument) => ({
        path: [key, argument],
        allowed: "arguments in Terraform's own names: lower-case letters, digits and underscores",
        fix: `write ${argument.replace(/([A-Z])/g, "_$1").toLowerCase()}`,
      })),
  ]);
}

function misplacedAddress(key: string): Finding {
  return { path: [key], value: key, allowed: addressAllowed, fix: addressFix };
}

function renamedAddresses(renamed: Readonly<Record<string, string>>): Finding[] {
  const entries = Object.entries(renamed);
  return entries.flatMap(([from, to]) => {
    if (!objectForm.test(from)) {
      return [misplacedAddress(from)];
    }
    const [first = from] = entries.find(([, target]) => target === to) ?? [];
    if (first !== from) {
      const fix = `choose another: ${formatPath(["adopted", "renamed", first])} is ${to} already`;
      return [{ path: [from], allowed: "one address for one resource", fix }];
    }
    const allowed = `another address of the type ${resourceType(from)}`;
    const fix = `choose another name, such as ${from.replace(/(\[.*)?$/, "_platform$1")}`;
    return from === to || resourceType(from) !== resourceType(to) ? [{ path: [from], allowed, fix }] : [];
  });
}

/** Each address is in one move at most, from and to, and none is removed that is moved. */
function movedAddresses({ moved, removed }: { moved: readonly Move[]; removed: readonly string[] }) {
  const twice = (field: "from" | "to") =>
    repeated(moved.map((move) => move[field])).map(({ index, value, first }) => ({
      path: ["moved", index, field],
      allowed: "each address in one move",
      fix: `keep one: adopted.moved[${first}].${field} is ${value} already`,
    }));
  const toItself = moved.map(
    ({ from, to }, index) =>
      from === to && {
        path: ["moved", index, "to"],
        allowed: "an address other than from",
        fix: "remove the move: the object is at that address already",
      },
  );
  const betweenTypes = moved.map(({ from, to }, index) => {
    const type = resourceType(from.replace(/^(module\.[^.[]+(\[[^\]]*\])?\.)*/, ""));
    return (
      type !== resourceType(to) && {
        path: ["moved", index, "to"],
        allowed: `an address of the type ${type}, as from: an object does not change its type`,
        fix: `choose our ${type} that continues it, or list ${from.replace(/\[[^\]]*\]$/, "")} under adopted.removed`,
      }
    );
  });
  const removedTwice = repeated(removed).map(({ index, value, first }) => ({
    path: ["removed", index],
    allowed: "each address once",
    fix: `remove it: adopted.removed[${first}] is ${value} already`,
  }));
  const movedAndRemoved = removed.map((whole, index) => {
    const move = moved.findIndex(({ from }) => from === whole || from.startsWith(`${whole}[`));
    const fix = `keep either this or adopted.moved[${move}]`;
    return move !== -1 && { path: ["removed", index], allowed: "an address that no move continues", fix };
  });
  return [...twice("from"), ...twice("to"), ...toItself, ...betweenTypes, ...removedTwice, ...movedAndRemoved];
}
