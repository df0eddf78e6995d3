import { type DataDirectoryHold, holdDataDirectory } from "../../../local/journal/data-directory.ts";

/** Takes and releases a data directory when its parent says so, beside other processes that do the same. */
const [directory = ""] = process.argv.slice(2);
let hold: DataDirectoryHold | undefined;

async function turn(order: unknown): Promise<string> {
  if (order === "release") {
    await hold?.release();
    hold = undefined;
    return "released";
  }
  hold = await holdDataDirectory(directory).catch(() => undefined);
  return hold === undefined ? "lost" : "won";
}

process.on("message", (order) => void turn(order).then((outcome) => process.send?.(outcome)));
process.send?.("ready");
