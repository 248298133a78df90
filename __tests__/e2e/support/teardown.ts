export { teardown as default } from "./default-port";
