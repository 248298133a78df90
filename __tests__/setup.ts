import { recordNoStackTraces } from "../stacks/stack-traces";

recordNoStackTraces();
