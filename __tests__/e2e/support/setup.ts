export { setup as default } from "./default-port";
