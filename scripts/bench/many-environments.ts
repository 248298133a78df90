// An application like main.ts, of as many environments as its argument says: node --require tsx/cjs <this file> 50

import { App } from "cdktf";
import { accounts, validateEnvironments } from "../../environments";
import { development } from "../../environments/development";
import type { Environment } from "../../environments/environment";
import { InvalidInput } from "../../environments/validation/problems";
import { Platform } from "../../stacks/platform";
import { recordNoStackTraces } from "../../stacks/stack-traces";

recordNoStackTraces();
const environments = Array.from({ length: Number(process.argv[2]) }, (_, index): Environment => {
  const name = `bench-${index + 1}`;
  const prefix = `skymanuals-${name}`;
  return {
    ...development,
    name,
    names: { prefix, chunksBucket: `${name}-skymanuals-chunks`, logsBucket: `${name}-skymanuals-logs` },
    audit: { ...development.audit, bucket: `${name}-skymanuals-audit` },
    archive: { ...development.archive, bucket: `${name}-skymanuals-log-archive` },
    elasticsearch: { ...development.elasticsearch, snapshotsBucket: `${name}-skymanuals-log-snapshots` },
  };
});
const problems = validateEnvironments(environments, accounts);
if (problems.length > 0) {
  throw new InvalidInput(problems);
}

const app = new App({ stackTraces: false });
for (const environment of environments) {
  new Platform(app, environment);
}
app.synth();
