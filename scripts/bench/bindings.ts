import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A class that makes one kind of block, and what its constructor takes. */
export interface Binding {
  /** What the class is imported from. */
  readonly module: string;
  readonly className: string;
  /** Type of the constructor's last parameter. */
  readonly config: ts.Type;
}

/** Where the class of a block is; without a name it is found by its `tfResourceType`. */
interface Place {
  readonly module: string;
  readonly className?: string;
}

const providerModule = "@cdktf/provider-aws/lib";

/** The classes of the blocks that cdktf itself has. */
const cdktfClasses: Readonly<Record<string, string>> = {
  "resource.terraform_data": "DataResource",
  variable: "TerraformVariable",
  output: "TerraformOutput",
  "backend.local": "LocalBackend",
  "backend.s3": "S3Backend",
};

/** cdktf's and the provider's classes by Terraform type, with their arguments' types as TypeScript knows them. */
export class Bindings {
  private readonly program: ts.Program;
  private readonly checker: ts.TypeChecker;

  /**
   * @param root the project's folder
   * @param blocks such as `resource.aws_vpc`, `data.aws_caller_identity`, `provider.aws`, `variable`, `output`,
   * `backend.local`; all that `of` will be asked for
   */
  constructor(
    private readonly root: string,
    blocks: Iterable<string>,
  ) {
    const files = [...new Set([...blocks].map((block) => this.declarations(placeOf(block).module)))];
    this.program = ts.createProgram(files, {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      strict: true,
      skipLibCheck: true,
      types: [],
    });
    this.checker = this.program.getTypeChecker();
  }

  /**
   * @throws Error where no class makes such a block
   */
  of(block: string): Binding {
    const { module, className } = placeOf(block);
    const file = this.program.getSourceFile(this.declarations(module));
    const symbol = file && this.checker.getSymbolAtLocation(file);
    const terraformType = block.split(".")[1];
    for (const exported of symbol ? this.checker.getExportsOfModule(symbol) : []) {
      const target = exported.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(exported) : exported;
      if (!(target.flags & ts.SymbolFlags.Class)) {
        continue;
      }
      const type = this.checker.getTypeOfSymbol(target);
      if (className === undefined ? this.terraformType(type) !== terraformType : exported.name !== className) {
        continue;
      }
      const parameter = type
        .getConstructSignatures()[0]
        ?.parameters.find(({ name }) => ["config", "props", "options"].includes(name));
      if (!parameter) {
        continue;
      }
      const config = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(parameter));
      return { module, className: exported.name, config };
    }
    throw new Error(`${block}: ${module} exports no class for it`);
  }

  /** What `tfResourceType` of a class declares. */
  private terraformType(type: ts.Type): string | undefined {
    const property = type.getProperty("tfResourceType");
    const value = property && this.checker.getTypeOfSymbol(property);
    return value?.isStringLiteral() ? value.value : undefined;
  }

  /** Type of an argument, or undefined where there is none by that name. */
  property(type: ts.Type, name: string): ts.Type | undefined {
    for (const part of this.alternatives(type)) {
      const property = part.getProperty(name);
      if (property) {
        return this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
      }
    }
    return undefined;
  }

  /** Type of the values where the keys are the user's own, such as tags. */
  mapValue(type: ts.Type): ts.Type | undefined {
    return first(this.alternatives(type), (part) => part.getStringIndexType());
  }

  /** Type of the items, where the type or one of its alternatives is a list. */
  item(type: ts.Type): ts.Type | undefined {
    return first(this.alternatives(type), (part) =>
      this.checker.isArrayType(part) ? this.checker.getTypeArguments(part as ts.TypeReference)[0] : undefined,
    );
  }

  isAny(type: ts.Type): boolean {
    return (type.flags & ts.TypeFlags.Any) !== 0;
  }

  has(type: ts.Type, flag: ts.TypeFlags): boolean {
    return this.alternatives(type).some((part) => (part.flags & flag) !== 0);
  }

  /** The type itself, or the types of a union other than tokens that stand for a value. */
  private alternatives(type: ts.Type): ts.Type[] {
    const parts = type.isUnion() ? type.types : [type];
    return parts.filter((part) => part.symbol?.name !== "IResolvable");
  }

  private declarations(module: string): string {
    const file = module === "cdktf" ? "cdktf/lib/index.d.ts" : `${module}/index.d.ts`;
    const path = join(this.root, "node_modules", file);
    if (!existsSync(path)) {
      throw new Error(`${path} does not exist: the provider has no binding by that name`);
    }
    return path;
  }
}

function placeOf(block: string): Place {
  const className = cdktfClasses[block];
  if (className !== undefined) {
    return { module: "cdktf", className };
  }
  const [kind, type = ""] = block.split(".");
  const folder = kind === "provider" ? "provider" : type.replace(/^aws_/, "").replaceAll("_", "-");
  return { module: `${providerModule}/${kind === "data" ? "data-aws-" : ""}${folder}` };
}

function first<T, U>(items: readonly T[], find: (item: T) => U | undefined): U | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
