package dev.simrelay.running

import android.util.Log
import dev.simrelay.App
import dev.simrelay.R
import dev.simrelay.Status
import dev.simrelay.TAG
import dev.simrelay.reasonOf
import dev.simrelay.setup.LanAddress

/** How the gateway does, in words for its owner, and when to show them. */
class GatewayState(private val app: App) {
    /** Why the core does not run; null if it does. */
    @Volatile
    private var failure: String? = null

    @Volatile
    private var status: Status? = null

    val portIsTaken get() = status?.portProblem != null

    val isDamaged get() = status?.damaged == true

    val needsRecovery get() = status?.needsRecovery == true

    private val inDanger get() = status?.run { !writable || damaged || recovered } == true

    private var shown = ""

    /** The core could not be opened or started. */
    fun failed(error: Throwable) {
        failure = reasonOf(error)
        show()
    }

    /** The core runs (again). */
    fun recovered() {
        failure = null
        refresh()
    }

    /** Nothing runs any more, because the owner said so. */
    @Synchronized
    fun stopped() {
        failure = null
        status = null
        shown = ""
        app.notifications.clearProblem()
    }

    /** A message is neither in the core nor in the spool. */
    fun lost() = app.notifications.showLost(app.getString(R.string.state_lost))

    /** Asks the core, and shows what is new. */
    fun refresh() {
        status = try {
            app.core.status()
        } catch (error: RuntimeException) {
            Log.w(TAG, "the core does not say how it does", error)
            null
        }
        show()
    }

    fun words(): String {
        val failure = failure
        val status = status
        return when {
            failure != null -> app.getString(R.string.state_failed, failure)
            status == null -> app.getString(if (app.preferences.wanted) R.string.state_starting else R.string.state_off)
            status.damaged -> app.getString(R.string.state_damaged)
            status.recovered -> app.getString(R.string.state_recovered)
            !status.writable -> app.getString(R.string.state_unwritable)
            status.portProblem != null -> app.getString(R.string.state_port, status.portProblem)
            status.pending > 0 && status.internetRequired && !app.device.network.read().online ->
                app.getString(R.string.state_waiting, status.pending)
            else -> running(status)
        }
    }

    private fun running(status: Status): String {
        val address = LanAddress.url(status.port) ?: return app.getString(R.string.state_running_no_address)
        return app.getString(R.string.state_running, address)
    }

    @Synchronized
    private fun show() {
        val words = words()
        if (words == shown) return
        shown = words
        if (app.starter.running) app.notifications.showGateway(words)
        if (failure != null || inDanger) app.notifications.showProblem(words)
        else app.notifications.clearProblem()
    }
}
