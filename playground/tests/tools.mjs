/** The project's programs, as `make tools` builds them. */

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The path of a program. */
export const tool = (name) => resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target", "debug", name);
