package dev.simrelay.setup

import android.app.Activity
import android.content.Intent
import android.widget.LinearLayout
import dev.simrelay.App
import dev.simrelay.R

/** What may keep the gateway from running by itself, each with the screen where the owner changes it. */
class WarningCards(private val activity: Activity, private val app: App) {
    fun draw(list: LinearLayout) {
        // The permissions have cards of their own.
        val found = app.device.warnings.read().filter { !it.code.startsWith("permission-") }
        if (found.isEmpty()) return
        list.heading(R.string.warnings)
        for (warning in found) {
            list.text(warning.words(activity), warning = true)
            list.button(app.getString(label(warning.code)), warning.code) {
                SystemScreens.open(activity, screen(warning.code))
            }
        }
    }

    private fun label(code: String): Int = if (code == "secure-lock") R.string.open_settings else R.string.exempt

    private fun screen(code: String): Intent = when (code) {
        "battery-optimisation" -> SystemScreens.batteryExemption(activity)
        "auto-reset" -> SystemScreens.autoReset(activity)
        "secure-lock" -> SystemScreens.security()
        else -> SystemScreens.appDetails(activity)
    }
}
