/** What routes use: the policy that caches, the bean that fetches, the strategy that merges. */
@NullMarked
package org.cistern.route;

import org.jspecify.annotations.NullMarked;
