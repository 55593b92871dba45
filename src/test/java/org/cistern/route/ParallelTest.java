package org.cistern.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Calls at the same time: as many as may be, and no more than that after one has failed. */
class ParallelTest {
    private final List<CompletableFuture<Integer>> made = new ArrayList<>();

    private List<Supplier<CompletableFuture<Integer>>> calls(int number) {
        return IntStream.range(0, number)
                .<Supplier<CompletableFuture<Integer>>>mapToObj(i -> this::make)
                .toList();
    }

    private CompletableFuture<Integer> make() {
        CompletableFuture<Integer> call = new CompletableFuture<>();
        made.add(call);
        return call;
    }

    @Test
    void noMoreAreMadeAtOnceThanMayAndResultsAreInTheOrderOfTheCalls() {
        CompletableFuture<List<Integer>> all = Parallel.all(3, calls(5));
        assertThat(made).hasSize(3);

        made.get(1).complete(1);
        assertThat(made).hasSize(4);
        made.get(3).complete(3);
        assertThat(made).hasSize(5);
        made.get(4).complete(4);
        made.get(0).complete(0);
        assertThat(all).isNotDone();
        made.get(2).complete(2);

        assertThat(made).hasSize(5);
        assertThat(all).isCompletedWithValue(List.of(0, 1, 2, 3, 4));
    }

    @Test
    void callsThatAreDoneAtOnceAreAllMadeHoweverManyThereAre() {
        List<Supplier<CompletableFuture<Integer>>> calls = IntStream.range(0, 100_000)
                .<Supplier<CompletableFuture<Integer>>>mapToObj(i -> () -> CompletableFuture.completedFuture(i))
                .toList();

        assertThat(Parallel.all(3, calls).join()).hasSize(100_000).startsWith(0, 1, 2);
        assertThat(Parallel.all(3, List.<Supplier<CompletableFuture<Integer>>>of()))
                .isCompletedWithValue(List.of());
    }

    @Test
    void afterAFailureNoFurtherCallIsMadeAndTheFirstInOrderIsToldWhenAllHaveEnded() {
        CompletableFuture<List<Integer>> all = Parallel.all(2, calls(4));

        made.get(1).completeExceptionally(failure("second"));
        assertThat(made).hasSize(2);
        assertThat(all).isNotDone();
        made.get(0).completeExceptionally(failure("first"));

        assertThat(made).hasSize(2);
        assertThatThrownBy(all::join).hasRootCauseMessage("first");
    }

    @Test
    void aCallThatThrowsHasFailed() {
        Supplier<CompletableFuture<Integer>> thrower = () -> {
            throw failure("not even begun");
        };

        assertThatThrownBy(() -> Parallel.all(1, List.of(thrower, this::make)).join())
                .hasRootCauseMessage("not even begun");
        assertThat(made).isEmpty();
    }

    private static UpstreamFailure failure(String message) {
        return new UpstreamFailure(UpstreamFailure.Kind.UNREACHABLE, message, null);
    }
}
