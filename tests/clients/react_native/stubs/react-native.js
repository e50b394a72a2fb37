// What the guide's code uses of a phone, for Node.
exports.Platform = { OS: "ios" };
