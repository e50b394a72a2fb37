// The Keychain of a phone, for Node.
const items = new Map();

exports.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY = 1;
exports.setItemAsync = async (key, value) => void items.set(key, value);
exports.getItemAsync = async (key) => items.get(key) ?? null;
