// Node's socket.io: on "go", the same value to every socket. node socketio.cjs <port> <file with the value>
const { createServer } = require("node:http");
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const { Server } = createRequire(process.cwd() + "/")("socket.io");
const [port, file] = process.argv.slice(2);
const value = JSON.parse(readFileSync(file, "utf8"));
const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => socket.on("go", () => io.emit("set", value)));
http.listen(Number(port), "127.0.0.1", 4096);
