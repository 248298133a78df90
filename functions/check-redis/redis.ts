import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";

export interface Server {
  readonly host: string;
  readonly port: number;
}

/** Whether a server answers a client with this token, or with none. */
export type Ping = (server: Server, token: string | undefined) => Promise<"accepted" | "refused">;

/** The server is not there yet, or not ready. */
export class Unavailable extends Error {}

const timeoutMilliseconds = 10_000;

/**
 * Says AUTH and PING over TLS, in the Redis serialization protocol (RESP 2). The server proves its name by a certificate of an
 * authority that Node knows, Amazon's among them, or of the file that NODE_EXTRA_CA_CERTS names.
 * @throws Unavailable where it may answer in a moment
 */
export const ping: Ping = async (server, token) => {
  const socket = await open(server);
  try {
    const answers = replies(socket);
    if (token !== undefined) {
      socket.write(command("AUTH", token));
      if (!accepts(await next(answers), "OK")) {
        return "refused";
      }
    }
    socket.write(command("PING"));
    return accepts(await next(answers), "PONG") ? "accepted" : "refused";
  } finally {
    socket.destroy();
  }
};

function open({ host, port }: Server): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // An address has no server name (RFC 6066); the certificate is compared with it all the same.
    const servername = isIP(host) ? "" : host;
    const socket = connect({ host, port, servername, minVersion: "TLSv1.2" });
    socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Unavailable(`${host} does not answer`)));
    socket.once("secureConnect", () => resolve(socket));
    socket.on("error", (error: NodeJS.ErrnoException) => reject(unavailable(error)));
  });
}

function unavailable(error: NodeJS.ErrnoException): Error {
  const passing = ["EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENOTFOUND", "EPIPE", "ETIMEDOUT"];
  return passing.includes(error.code ?? "") ? new Unavailable(error.message, { cause: error }) : error;
}

/** An array of bulk strings. */
function command(...words: string[]): string {
  const bulk = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${bulk.join("")}`;
}

/** Simple strings and errors, which are lines: AUTH and PING have no other answers. */
async function* replies(socket: TLSSocket): AsyncGenerator<string> {
  let received = "";
  try {
    for await (const chunk of socket) {
      received += String(chunk);
      for (let end = received.indexOf("\r\n"); end >= 0; end = received.indexOf("\r\n")) {
        yield received.slice(0, end);
        received = received.slice(end + 2);
      }
    }
  } catch (error) {
    throw unavailable(error as NodeJS.ErrnoException);
  }
}

async function next(answers: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await answers.next();
  if (done) {
    throw new Unavailable("the server closed the connection");
  }
  return value;
}

/** WRONGPASS, NOAUTH, and ERR where no token is set, are refusals; other errors pass. */
function accepts(reply: string, wanted: string): boolean {
  if (reply === `+${wanted}`) {
    return true;
  }
  if (/^-(WRONGPASS|NOAUTH|ERR (invalid password|AUTH|Client sent AUTH))/.test(reply)) {
    return false;
  }
  throw new Unavailable(`the server answers ${reply}`);
}
