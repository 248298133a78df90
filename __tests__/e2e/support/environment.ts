import { mkdirSync } from "node:fs";
import { join } from "node:path";

// Every stack of every test is initialized anew: the provider is fetched once.
if (!process.env.TF_PLUGIN_CACHE_DIR) {
  const cache = join(__dirname, "../../../.local/plugin-cache");
  mkdirSync(cache, { recursive: true });
  process.env.TF_PLUGIN_CACHE_DIR = cache;
  process.env.TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE = "true";
}
// Half of what Terraform and its provider compute is collecting garbage while the provider's schema is decoded, some 5 s each time.
// Less often costs memory: at most some 500 MB a process (Go documentation, "A Guide to the Go Garbage Collector").
process.env.GOGC ??= "400";
process.env.GOMEMLIMIT ??= "768MiB";
process.env.CHECKPOINT_DISABLE = "1";
process.env.CI = "1";
process.env.NO_COLOR = "1";
