package dev.simrelay.receiving

import android.database.ContentObserver
import android.os.Handler
import android.os.Looper
import android.provider.Telephony.MmsSms
import dev.simrelay.App
import java.util.concurrent.Future

/** Looks for downloaded MMS whenever the provider changes, while the service runs. */
class MmsWatcher(private val app: App) : ContentObserver(Handler(Looper.getMainLooper())) {
    private var again: Future<*>? = null
    private var watching = false

    @Volatile
    private var ended = false

    /** Not on the main thread. Again is harmless. */
    fun begin() {
        if (!watching) {
            app.contentResolver.registerContentObserver(MmsSms.CONTENT_URI, true, this)
            watching = true
        }
        look()
    }

    fun end() {
        ended = true
        app.contentResolver.unregisterContentObserver(this)
        app.workers.control("the end of the MMS") { again?.cancel(false) }
    }

    override fun onChange(selfChange: Boolean) = app.workers.control("the MMS", ::look)

    private fun look() {
        if (ended) return
        again?.cancel(false)
        val wait = app.mms.tellWhole()
        if (wait != null) {
            // The phone would fall asleep over the parts that are still to come.
            app.wakeLock.handOver()
            again = app.workers.after(wait) { app.workers.control("the MMS", ::look) }
        }
    }
}
