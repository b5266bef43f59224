package dev.simrelay.setup

import android.app.Activity
import android.os.Bundle
import android.webkit.WebView
import android.widget.TextView
import dev.simrelay.App
import dev.simrelay.R

/** The core's own page, signed in. It is shown what the API on this phone serves, and nothing else. */
class PageActivity : Activity() {
    private var view: WebView? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val app = App.of(this)
        app.workers.control("the page") {
            val status = app.core.status()
            val path = if (status?.serving == true) app.core.signInPath() else null
            runOnUiThread {
                if (status == null || path == null) say(getString(R.string.not_open)) else show(Page(status.port), path)
            }
        }
    }

    @Deprecated("There is no other way back in API 26.")
    override fun onBackPressed() {
        val view = view
        @Suppress("DEPRECATION")
        if (view?.canGoBack() == true) view.goBack() else super.onBackPressed()
    }

    override fun onDestroy() {
        view?.destroy()
        super.onDestroy()
    }

    /** [signIn] works once and leads on to the page, so that it is no place to come back to. */
    private fun show(page: Page, signIn: String) {
        if (isDestroyed) return
        val web = WebView(this)
        web.settings.apply {
            javaScriptEnabled = true
            allowFileAccess = false
            allowContentAccess = false
        }
        web.fitsSystemWindows = true
        web.webViewClient = PageClient(this, page, ::say)
        view = web
        setContentView(web)
        web.loadUrl(page.url(signIn))
    }

    private fun say(words: String) = setContentView(
        TextView(this).apply {
            text = words
            fitsSystemWindows = true
        },
    )
}
