package dev.simrelay.setup

import android.app.Activity
import android.os.Bundle
import android.widget.LinearLayout
import dev.simrelay.App
import dev.simrelay.device.PermissionGroup

/**
 * The one screen of the shell: from the state of the gateway down to what it needs. It is drawn anew
 * whenever the owner comes back to it, since the platform's own screens change what it shows.
 */
class SetupActivity : Activity() {
    private val app get() = App.of(this)
    private val screen by lazy { Screen(this) }
    private val gateway by lazy { GatewayCard(this, app, ::draw) }
    private val permissions by lazy { PermissionCards(this, app) }
    private val warnings by lazy { WarningCards(this, app) }
    private val access by lazy { AccessCard(this, app, ::draw) }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(screen.root)
    }

    override fun onResume() {
        super.onResume()
        // After a kill or a force-stop the owner's look at the screen brings the gateway back.
        app.workers.control("the start") { app.starter.start() }
        app.deliveries.listen(changed)
        permissionsChanged()
        draw()
    }

    override fun onPause() {
        app.deliveries.forget(changed)
        super.onPause()
    }

    override fun onRequestPermissionsResult(code: Int, names: Array<String>, results: IntArray) {
        PermissionGroup.values().getOrNull(code)?.let(permissions::answered)
        permissionsChanged()
        draw()
    }

    private val changed: (Boolean) -> Unit = { draw() }

    /** What was allowed just now, here or in the platform's settings, is of use at once. */
    private fun permissionsChanged() = app.workers.control("the permissions") {
        app.core.tell { deviceChanged(app.device.checkedAgain().toString()) }
        if (app.core.isOpen) app.mms.tellWhole()
        app.inboxScan.permissionMayHaveChanged()
    }

    /** Asks the core off the main thread, then draws. */
    private fun draw(): Unit = app.workers.control("the screen") {
        app.state.refresh()
        val status = app.core.status()
        val words = app.state.words()
        val address = status?.let { LanAddress.url(it.port) }
        runOnUiThread {
            if (!isDestroyed) screen.show { list: LinearLayout ->
                gateway.draw(list, words, status)
                permissions.draw(list)
                warnings.draw(list)
                access.draw(list, status, address)
            }
        }
    }
}
