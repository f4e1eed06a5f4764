// The end of the chain: closes the message, and says that all is done.

exports.handler = async ({ message, services }) => {
  const closed = `${message}!`;
  console.log(`ServiceC made: ${closed}`);
  return { message: closed, services: [...services, "ServiceC"], status: "finished" };
};
