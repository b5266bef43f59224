package dev.simrelay

import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.ScheduledFuture
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.ThreadFactory
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/**
 * The threads of the shell. Idle ones cost nothing: those of [intake] end after a minute. What goes wrong on
 * any of them is logged and ends nothing, least of all the process.
 */
class Workers {
    private val intake: ExecutorService = Executors.newCachedThreadPool(named("intake"))

    /** Starts, stops and tells facts, one after the other, so that a stop never overtakes a start. */
    val control: ExecutorService = Executors.newSingleThreadExecutor(named("control"))

    private val timer = ScheduledThreadPoolExecutor(1, named("timer")).apply { removeOnCancelPolicy = true }

    /** Runs [work] later, on the timer's own thread. Time stands still while the phone sleeps. */
    fun after(millis: Long, work: () -> Unit): ScheduledFuture<*> =
        timer.schedule({ guarded("timer", work) }, millis, TimeUnit.MILLISECONDS)

    /** Takes in broadcasts, each on a thread of its own, so that one that hangs delays no other. */
    fun intake(what: String, work: () -> Unit) {
        intake.execute { guarded(what, work) }
    }

    /** Runs [work] on [control]. */
    fun control(what: String, work: () -> Unit) {
        control.execute { guarded(what, work) }
    }

    private fun named(name: String): ThreadFactory {
        val number = AtomicInteger()
        return ThreadFactory { Thread(it, "simrelay-$name-${number.incrementAndGet()}").apply { isDaemon = true } }
    }

    private companion object {
        fun guarded(what: String, work: () -> Unit) = try {
            work()
        } catch (error: Throwable) {
            logFailure("$what failed", error)
        }
    }
}
