/** Runs a program of the repository; an option that it does not have is named, with exit code 2. */
export async function runProgram(main: () => number | Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (!code.startsWith("ERR_PARSE_ARGS")) throw error;
    process.stderr.write(`${message}\n--help lists what there is\n`);
    process.exitCode = 2;
  }
}
