"use strict";

const { writeFileSync } = require("node:fs");

process.once("exit", () => {
  writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(process.resourceUsage()));
});
