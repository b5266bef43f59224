package dev.simrelay.receiving

import android.content.BroadcastReceiver
import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG
import dev.simrelay.logFailure
import java.io.IOException
import java.util.concurrent.Future
import java.util.concurrent.atomic.AtomicBoolean

/**
 * From a broadcast to the disk, off the main thread, within [LIMIT_MILLIS]: the platform takes a
 * receiver that needs ten seconds for dead.
 *
 * What the core does not keep in time is written to the spool. Only then the service is started, and
 * only then the broadcast ends: after that the process may be frozen at any moment. What others left in
 * the spool is taken in after that, because it may be much.
 * Costs on the usual path: one thread hop and one commit; after it a look into an empty directory.
 */
class BroadcastIntake(private val app: App) {
    fun take(fact: InboundFact, broadcast: BroadcastReceiver.PendingResult) {
        val attempt = Attempt(fact, broadcast)
        // The timer serves others too, and writing down waits for the disk.
        attempt.limit = app.workers.after(LIMIT_MILLIS) { app.workers.intake("a late broadcast", attempt::late) }
        app.workers.intake("a broadcast", attempt::run)
    }

    private inner class Attempt(val fact: InboundFact, val broadcast: BroadcastReceiver.PendingResult) {
        lateinit var limit: Future<*>
        private val settled = AtomicBoolean()

        fun run() {
            val kept = keep()
            limit.cancel(false)
            settle(kept)
            if (kept) app.core.takeInSpool()
        }

        fun late() = settle(kept = false)

        private fun keep(): Boolean = try {
            app.core.receive(fact)
            // If it took too long, it was written down meanwhile. Told twice it is still one message.
            if (settled.get()) app.spool.remove(fact)
            true
        } catch (error: Throwable) {
            logFailure("the core did not keep a message", error)
            false
        }

        /** Whoever comes first, the core or the time limit. */
        private fun settle(kept: Boolean) {
            if (!settled.compareAndSet(false, true)) return
            try {
                if (!kept) app.spool.write(fact)
            } catch (error: IOException) {
                Log.e(TAG, "a message could not be written down", error)
                if (fact.result == null) app.state.lost()
            } finally {
                try {
                    if (fact.kind == InboundFact.Kind.WAP_PUSH) app.mms.expect()
                    app.starter.start()
                } catch (error: RuntimeException) {
                    Log.e(TAG, "neither service nor job could be started", error)
                } finally {
                    broadcast.finish()
                    if (!kept) app.workers.control("the state") { app.state.refresh() }
                }
            }
        }
    }

    companion object {
        /** From the broadcast's arrival to its end, at most. */
        const val LIMIT_MILLIS = 5_000L
    }
}
