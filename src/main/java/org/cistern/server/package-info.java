/** The HTTP server: Camel's platform-http on Vert.x, asynchronous and answering as RFC 9110 says. */
@NullMarked
package org.cistern.server;

import org.jspecify.annotations.NullMarked;
