package dev.simrelay

import android.app.Application
import android.content.Context
import dev.simrelay.device.DeviceFacts
import dev.simrelay.receiving.BroadcastIntake
import dev.simrelay.receiving.InboxScan
import dev.simrelay.receiving.MmsInbox
import dev.simrelay.receiving.SmsInbox
import dev.simrelay.receiving.Spool
import dev.simrelay.running.PendingDeliveries
import dev.simrelay.running.DrainJobs
import dev.simrelay.running.GatewayState
import dev.simrelay.running.InboxJobs
import dev.simrelay.running.Notifications
import dev.simrelay.running.ServiceStarter
import dev.simrelay.running.WakeAlarm
import dev.simrelay.running.WakeLockKeeper
import dev.simrelay.sending.SmsSender

/**
 * Holds what lives as long as the process, each made when first used: a broadcast starts the process
 * cold and has five seconds, so nothing happens here that it does not need.
 */
open class App : Application() {
    val preferences by lazy { ShellPreferences(this) }
    val workers by lazy { Workers() }
    val device by lazy { DeviceFacts(this) }
    val wakeLock by lazy { WakeLockKeeper(this) }
    val deliveries by lazy { PendingDeliveries(wakeLock) }
    val alarm by lazy { WakeAlarm(this) }
    val spool by lazy { Spool(filesDir.toPath().resolve("spool")) }
    val core by lazy { Core(this) }
    val intake by lazy { BroadcastIntake(this) }
    val sender by lazy { SmsSender(this) }
    val mms by lazy { MmsInbox(this) }
    val smsInbox by lazy { SmsInbox(this) }
    val inboxScan by lazy { InboxScan(this) }
    val inboxJobs by lazy { InboxJobs(this) }
    val starter by lazy { ServiceStarter(this) }
    val jobs by lazy { DrainJobs(this) }
    val notifications by lazy { Notifications(this) }
    val state by lazy { GatewayState(this) }

    companion object {
        /** The app of any of its components. */
        fun of(context: Context): App = context.applicationContext as App
    }
}
