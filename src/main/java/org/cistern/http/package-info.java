/**
 * The HTTP caching rules as pure functions: no Camel, no I/O, and no clock of their own.
 *
 * <p>Whatever depends on the time takes it as an argument, so that every rule can be tested at any instant. A rule
 * names the section of the RFC that it follows beside it.
 */
@NullMarked
package org.cistern.http;

import org.jspecify.annotations.NullMarked;
