"use strict";
// Response streaming: what a handler writes is collected, and answered at the end.

const { Writable } = require("stream");

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const PRELUDE_END = Buffer.alloc(8);

class ResponseStream extends Writable {
  constructor() {
    super();
    this.chunks = [];
  }

  _write(chunk, encoding, done) {
    this.chunks.push(Buffer.from(chunk, encoding));
    done();
  }

  setContentType(type) {
    this.contentType = type;
  }
}

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMING] = "response";
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.write(JSON.stringify(prelude));
      stream.write(PRELUDE_END);
      return stream;
    },
  },
};

module.exports = { ResponseStream, STREAMING };
