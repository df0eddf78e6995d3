import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** Editors write a file in several steps: this long after the last of them the tests run again. */
const SETTLE_MS = 100;

/** Calls back when one of the files changes, however the editor replaces it; {@link FileWatch.stop} ends it. */
export class FileWatch {
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #files: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches these files from now on, and no others. Their folders are watched: a replaced file is a new one. */
  follow(files: readonly string[]): void {
    this.#files = new Set(files.map((file) => resolve(file)));
    const folders = new Set([...this.#files].map((file) => dirname(file)));
    for (const [folder, watcher] of this.#watchers)
      if (!folders.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): void {
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && !this.#files.has(resolve(folder, basename(name)))) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#onChange, SETTLE_MS);
    });
    // A folder that goes away is noticed by the next run.
    watcher.on("error", () => watcher.close());
    this.#watchers.set(folder, watcher);
  }
}
