package dev.simrelay.setup

import android.app.Activity
import android.content.Intent
import android.widget.LinearLayout
import dev.simrelay.App
import dev.simrelay.R
import dev.simrelay.Status
import dev.simrelay.running.GatewayService

/** The state in words, Start or Stop, and the way to the core's own page. */
class GatewayCard(private val activity: Activity, private val app: App, private val redraw: () -> Unit) {
    fun draw(list: LinearLayout, words: String, status: Status?) {
        list.heading(R.string.gateway)
        list.text(words)
        if (app.preferences.wanted) list.button(app.getString(R.string.stop), "stop", ::stop)
        else list.button(app.getString(R.string.start), "start", ::start)
        if (status?.serving == true) {
            list.button(app.getString(R.string.open_page), "page") {
                activity.startActivity(Intent(activity, PageActivity::class.java))
            }
        }
    }

    private fun start() {
        app.preferences.wanted = true
        app.starter.start()
        redraw()
    }

    private fun stop() {
        app.preferences.wanted = false
        app.startService(GatewayService.stop(app))
        redraw()
    }
}
