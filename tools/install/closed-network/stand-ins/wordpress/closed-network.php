<?php
// This image is for networks where no address outside can be reached: WordPress would wait for each it asks.
// WordPress takes hooks that are there before it starts. Set by then, the constant can have been defined by wp-config.php.
$GLOBALS['wp_filter']['muplugins_loaded'][10]['closed-network'] = [
    'accepted_args' => 0,
    'function' => function () {
        if (!defined('WP_HTTP_BLOCK_EXTERNAL')) {
            define('WP_HTTP_BLOCK_EXTERNAL', true);
        }
    },
];
