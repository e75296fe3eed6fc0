// The oracles of tests/oracles: one JSON line in, one out. The argument is the folder whose node_modules
// hold them.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const load = createRequire(`${process.argv[2]}/`);
const { filter, parse } = load('scim2-parse-filter');
const { scimPatch } = load('scim-patch');

const answers = {
  filter: ({ text, resource }) => ({ matches: filter(parse(text))(resource) }),
  patch: ({ operations, resource }) => ({
    // RFC 7644 §3.5.2.3: a replace whose filter selects nothing is noTarget.
    resource: scimPatch(resource, operations, { mutateDocument: false, treatMissingAsAdd: false }),
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = answers[question.of](question);
  } catch (error) {
    answer = { error: `${error.scimCode ?? ''} ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
