import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentsPage } from "./docs/environments";

writeFileSync(join(__dirname, "../docs/environments.md"), environmentsPage());
