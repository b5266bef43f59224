package dev.simrelay.running

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.app.PendingIntent.FLAG_IMMUTABLE
import android.app.PendingIntent.FLAG_UPDATE_CURRENT
import android.content.Intent
import android.graphics.drawable.Icon
import dev.simrelay.App
import dev.simrelay.R
import dev.simrelay.service
import dev.simrelay.setup.SetupActivity

/** What the phone shows: the gateway's state while it runs, and problems that need the owner. */
class Notifications(private val app: App) {
    private val manager = app.service<NotificationManager>().also(::makeChannels)

    /** The service's own, with a Stop action. */
    fun gateway(words: String): Notification {
        val stop = PendingIntent.getService(app, 0, GatewayService.stop(app), FLAGS)
        val action = Notification.Action.Builder(icon(), app.getString(R.string.stop), stop).build()
        return builder(GATEWAY_CHANNEL, words).setOngoing(true).addAction(action).build()
    }

    fun showGateway(words: String) = manager.notify(GATEWAY, gateway(words))

    fun showProblem(words: String) = manager.notify(PROBLEM, builder(PROBLEM_CHANNEL, words).build())

    /** Stays until the owner has seen it, whatever the gateway's state is by then. */
    fun showLost(words: String) = manager.notify(LOST, builder(PROBLEM_CHANNEL, words).setAutoCancel(true).build())

    fun clearProblem() = manager.cancel(PROBLEM)

    private fun builder(channel: String, words: String): Notification.Builder {
        val screen = PendingIntent.getActivity(app, 0, Intent(app, SetupActivity::class.java), FLAGS)
        return Notification.Builder(app, channel)
            .setSmallIcon(icon())
            .setContentTitle(app.getString(R.string.app_name))
            .setContentText(words)
            .setStyle(Notification.BigTextStyle().bigText(words))
            .setContentIntent(screen)
            .setOnlyAlertOnce(true)
            .setShowWhen(false)
    }

    private fun icon(): Icon = Icon.createWithResource(app, R.drawable.ic_gateway)

    private fun makeChannels(manager: NotificationManager) {
        val gateway = NotificationChannel(
            GATEWAY_CHANNEL, app.getString(R.string.channel_gateway), NotificationManager.IMPORTANCE_LOW,
        )
        gateway.description = app.getString(R.string.channel_gateway_about)
        val problems = NotificationChannel(
            PROBLEM_CHANNEL, app.getString(R.string.channel_problems), NotificationManager.IMPORTANCE_HIGH,
        )
        problems.description = app.getString(R.string.channel_problems_about)
        manager.createNotificationChannels(listOf(gateway, problems))
    }

    companion object {
        const val GATEWAY = 1
        const val PROBLEM = 2
        const val LOST = 3
        private const val GATEWAY_CHANNEL = "gateway"
        private const val PROBLEM_CHANNEL = "problems"
        private const val FLAGS = FLAG_IMMUTABLE or FLAG_UPDATE_CURRENT
    }
}
