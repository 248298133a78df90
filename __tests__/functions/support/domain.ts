import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type Domain, HttpDomain, signer } from "../../../functions/bootstrap-elasticsearch/domain";
import { ensureVenv } from "../../../scripts/local/venv";
import { pythonEnvironment } from "../../../scripts/terraform/environment-variables";

const root = resolve(__dirname, "../../..");

const kibanaPath = "/_plugin/kibana";

/** A container of Elasticsearch, with Kibana's beside it: in AWS's domain Kibana has a path. */
function withKibana(elasticsearch: Domain, kibanaUrl: string): Domain {
  const kibana = new HttpDomain(kibanaUrl.replace(/\/$/, ""));
  return {
    send: (method, path, ...rest) =>
      path.startsWith(kibanaPath)
        ? kibana.send(method, path.slice(kibanaPath.length), ...rest)
        : elasticsearch.send(method, path, ...rest),
  };
}

/**
 * A domain to speak to: the one that ELASTICSEARCH_URL names (a domain of AWS, whose requests are signed, or a container of Open
 * Distro for Elasticsearch 1.13, with Kibana's at KIBANA_URL), or else the emulator's stand-in.
 */
export class TestDomain {
  private constructor(
    readonly domain: Domain,
    private readonly process?: ChildProcess,
  ) {}

  /** Takes a second, and a minute where the virtual environment is to be made first. */
  static async start(url = process.env.ELASTICSEARCH_URL): Promise<TestDomain> {
    if (url) {
      const signs = new URL(url).hostname.endsWith(".es.amazonaws.com");
      const domain = new HttpDomain(url.replace(/\/$/, ""), signs ? signer(process.env) : undefined);
      const { KIBANA_URL: kibana } = process.env;
      return new TestDomain(kibana ? withKibana(domain, kibana) : domain);
    }
    const python = await ensureVenv({ root, venv: join(root, ".local", "venv"), python: "python3" });
    const child = spawn(python, ["-m", "emulator.domain_server"], {
      cwd: root,
      env: pythonEnvironment(process.env),
      stdio: ["pipe", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      return new TestDomain(new HttpDomain((JSON.parse(line) as { url: string }).url), child);
    }
    throw new Error("the stand-in of the domain ended");
  }

  async stop(): Promise<void> {
    if (this.process) {
      const ended = new Promise((resolve) => this.process?.once("exit", resolve));
      this.process.stdin?.end();
      await ended;
    }
  }
}
