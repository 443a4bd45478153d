/** Windows cannot start npm.cmd without a shell, but npm passes on the path of its program to what it runs. */
export function npmProgram(env = process.env): { program: string; first: string[]; shell: boolean } {
  const { npm_execpath: npm } = env;
  if (npm) return { program: process.execPath, first: [npm], shell: false };
  return { program: "npm", first: [], shell: process.platform === "win32" };
}
