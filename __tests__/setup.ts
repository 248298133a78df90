import * as stackTrace from "cdktf/lib/tokens/private/stack-trace";

// Every token records where it was made; most of a test's synthesis time is spent there, and no output shows it.
Object.defineProperty(stackTrace, "captureStackTrace", { value: () => [] });
