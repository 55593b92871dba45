/** What is there while routes are written: files that changed are loaded while the node runs. */
@NullMarked
package org.cistern.dev;

import org.jspecify.annotations.NullMarked;
