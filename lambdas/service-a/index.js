// The initial operation: turns {"name": "Ada"} into a message for the services after it.

class InputInvalid extends Error {
  constructor(message) {
    super(message);
    // Lambda answers an error's name, and Step Functions fails with it.
    this.name = "InputInvalid";
  }
}

exports.handler = async (input) => {
  const message = `Hello, ${nameOf(input)}`;
  console.log(`ServiceA made: ${message}`);
  return { message, services: ["ServiceA"] };
};

function nameOf(input) {
  if (input === null || typeof input !== "object" || Array.isArray(input)) {
    throw new InputInvalid('the input has to be an object such as {"name": "Ada"}');
  }
  const { name = "world" } = input;
  if (typeof name !== "string" || name.trim() === "") {
    throw new InputInvalid("the name has to be a text that is not empty");
  }
  return name.trim();
}
