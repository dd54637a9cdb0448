// Stands for the transports of socket.io that are left out of the bundle (`only_websockets` in rxconfig.py).
export const XHR = undefined;
export const WT = undefined;
