/** The supported versions of Node.js, as in package.json: the oldest that can load all dependencies. */
export const needed = { en: "20.19 (or a newer 20.x), or 22.12 or newer", ko: "20.19 이상의 20.x, 또는 22.12 이상" };

/** Reports whether a version of Node.js is supported. */
export function runsOn(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}
