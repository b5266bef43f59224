package dev.simrelay.running

import android.app.AlarmManager
import android.app.AlarmManager.ELAPSED_REALTIME_WAKEUP
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.os.SystemClock
import dev.simrelay.Platform
import dev.simrelay.service

/**
 * The one alarm, for the next due time. It outlives the process.
 *
 * Exact where the platform lets us: before Android 12 always, since then with the exemption from battery
 * optimisation. Otherwise the phone may take its time, and in Doze it does.
 */
class WakeAlarm(private val context: Context) {
    private val alarms = context.service<AlarmManager>()
    private var dueAt = 0L

    /** At [atMillis] (wall clock) something is due; 0: nothing is. */
    @Synchronized
    fun set(atMillis: Long) {
        dueAt = atMillis
        if (atMillis == 0L) alarms.cancel(intent()) else arm(atMillis)
    }

    /** The wall clock was set, which an alarm in elapsed time does not notice. */
    @Synchronized
    fun clockChanged() {
        if (dueAt != 0L) arm(dueAt)
    }

    private fun arm(atMillis: Long) {
        val wait = (atMillis - System.currentTimeMillis()).coerceAtLeast(0)
        val at = SystemClock.elapsedRealtime() + wait
        if (Platform.canScheduleExactAlarms(alarms)) {
            alarms.setExactAndAllowWhileIdle(ELAPSED_REALTIME_WAKEUP, at, intent())
        } else {
            alarms.setAndAllowWhileIdle(ELAPSED_REALTIME_WAKEUP, at, intent())
        }
    }

    private fun intent(): PendingIntent = PendingIntent.getBroadcast(
        context,
        0,
        Intent(context, WakeReceiver::class.java),
        PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT,
    )
}
