import { Text } from "../../../text";

/**
 * A text escaped for XML and HTML, between tags and in attributes. What is shown comes from Docker, the cluster
 * or a person: none of it may become markup, or a character that makes the file unreadable.
 * @see https://www.w3.org/TR/xml/#charsets
 */
export const escaped = (text: string) =>
  text
    // XML has no way to write most control characters, and HTML forbids them, too.
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "�")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A page in both languages, to the end of its head. It loads nothing from anywhere. */
export const pageHead = (title: string, style: string) => `<!doctype html>
<html lang="en" data-shown="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>course-labs · ${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>`;

/** A text in both languages; the page shows one of them. */
export const both = ({ en, ko }: Text, write: (text: string) => string = escaped) =>
  en === ko ? write(en) : `<span lang="en">${write(en)}</span><span lang="ko">${write(ko)}</span>`;
