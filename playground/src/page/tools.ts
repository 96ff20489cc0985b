/** What the page needs beyond its first answer, in one file to load. */

export { Inputs } from "./inputs";
export { Survey } from "./survey";
export { Tester } from "./tester";
