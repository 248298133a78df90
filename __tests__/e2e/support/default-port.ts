import { createServer, type Server } from "node:net";
import { defaultPort } from "../../../scripts/local/emulator";

declare global {
  var heldDefaultPort: Server | undefined;
}

/**
 * In CI, takes the port on which a local run listens unless told otherwise, for as long as the suite runs. A test that wants it fails,
 * as it would on a machine where a local run is up. Where another program has it already, nothing is to be done.
 */
export async function setup(): Promise<void> {
  if (!process.env.CI) {
    return;
  }
  globalThis.heldDefaultPort = await new Promise<Server | undefined>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port: defaultPort, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}

export function teardown(): void {
  globalThis.heldDefaultPort?.close();
}
