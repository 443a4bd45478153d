/** The versions of Node.js that this project runs on, as in package.json: from the first that loads every package. */
export const needed = { en: "20.19 or newer of 20, or 22.12 or newer", ko: "20.19 이상의 20, 또는 22.12 이상" };

/** Whether the project runs on a version of Node.js. */
export function runsOn(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}
